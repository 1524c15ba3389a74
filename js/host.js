// Starts the engine: WebAssembly that Go made, here or in a worker.
// Each function stands for itself, so that its text can be given to a worker.

// instantiate starts the engine here. The stream is its WebAssembly, gzipped;
// installGo is wasm_exec.js of the Go that made it, as a function of its global
// object. The engine gets an object of its own for that: it changes nothing of
// the page, and there is nothing in it by which it could reach a network or a
// disk.
async function instantiate(installGo, stream) {
  const own = { Object, Array, Uint8Array, Date, Math, Error, crypto: globalThis.crypto ?? {}, performance, TextEncoder, TextDecoder };
  installGo(own);
  const go = new own.Go();
  const unpacked = new Response(stream.pipeThrough(new DecompressionStream("gzip")), { headers: { "Content-Type": "application/wasm" } });
  const { instance } = await WebAssembly.instantiateStreaming(unpacked, go.importObject);
  const ended = go.run(instance); // not before the engine breaks
  if (!own.rulebook) await ended; // which says why
  ended.catch(() => {}); // the call that broke it has told
  return own.rulebook;
}

// caller makes calls of the functions of an engine. One that breaks, as for want
// of memory, cannot be called again.
function caller(functions, stopped) {
  let broken = false;
  return (name, args) => {
    let reply;
    try {
      if (!broken) reply = functions[name](...args);
    } catch (error) {
      console.warn(`rulebook: ${error}`);
    }
    if (reply) return reply;
    broken = true;
    return { ok: false, text: JSON.stringify(stopped) };
  };
}

// serve answers the messages of the page that made this worker.
function serve(installGo, stopped) {
  let call;
  self.onmessage = async ({ data: { id, packed, name, args } }) => {
    try {
      if (packed) {
        call = caller(await instantiate(installGo, packed.stream()), stopped);
        self.postMessage({ id, reply: { ok: true, text: "null" } });
        return;
      }
      self.postMessage({ id, reply: call(name, args) });
    } catch (error) {
      self.postMessage({ id, error: String(error) });
    }
  };
}

// connect is the call and the stop of an engine in a worker.
async function connect(worker, packed, stopped) {
  const waiting = new Map();
  let last = 0;
  const send = (message) =>
    new Promise((resolve, reject) => {
      if (!worker) return resolve({ ok: false, text: JSON.stringify(stopped) });
      last++;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, ...message });
    });
  const settle = (how, value) => {
    for (const { [how]: done } of waiting.values()) done(value);
    waiting.clear();
  };
  worker.onmessage = ({ data: { id, reply, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (reply) resolve(reply);
    else reject(new Error(error));
  };
  worker.onerror = (event) => settle("reject", new Error(event.message));
  await send({ packed });
  return {
    call: (name, args) => send({ name, args }),
    stop: () => {
      worker?.terminate();
      worker = null;
      settle("resolve", { ok: false, text: JSON.stringify(stopped) });
    },
  };
}

export { instantiate, caller, serve, connect };

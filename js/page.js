// The end of dist/engine.js, a script for pages that are opened from a disk: such
// pages may neither be modules nor read files. What stands before it are wasm_exec.js
// as installGo, api.js, host.js, and packedEngine, the WebAssembly as text.

// rulebookEngine starts an engine: in a worker, so that the page stays responsive,
// or here where the browser allows no worker.
globalThis.rulebookEngine = async () => {
  const text = atob(packedEngine);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const packed = new Blob([bytes]);
  try {
    const program = `"use strict";\n${[instantiate, caller, serve].join("\n")}\nserve(${installGo}, ${JSON.stringify(stopped)});`;
    const worker = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })));
    const { call, stop } = await connect(worker, packed, stopped);
    return new Engine(call, stop);
  } catch {
    const call = caller(await instantiate(installGo, packed.stream()), stopped);
    return new Engine(async (name, args) => call(name, args), async () => {});
  }
};
globalThis.rulebookEngine.RulebookError = RulebookError;

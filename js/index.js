// The library for Node and for pages that are modules. A page that is opened from
// a disk takes dist/engine.js instead.
import { Engine, Book, RulebookError, stopped } from "./api.js";
import { caller, connect, instantiate } from "./host.js";
import { installGo } from "./dist/go.js";

const packed = new URL("./dist/rulebook.wasm.gz", import.meta.url);

// start starts an engine of its own: in a worker in a page, so that the page
// stays responsive, and here in Node.
async function start() {
  if (typeof process === "object" && process.versions?.node) {
    const { readFile } = await import("node:fs/promises");
    const call = caller(await instantiate(installGo, new Blob([await readFile(packed)]).stream()), stopped);
    let running = call;
    return new Engine(
      async (name, args) => (running ?? (() => ({ ok: false, text: JSON.stringify(stopped) })))(name, args),
      async () => {
        running = null;
      },
    );
  }
  const response = await fetch(packed);
  if (!response.ok) throw new Error(`${packed}: ${response.status}`);
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const { call, stop } = await connect(worker, await response.blob(), stopped);
  return new Engine(call, stop);
}

let shared;

// engine is the one that load and check share; it is started once.
function engine() {
  shared ??= start();
  shared.catch(() => (shared = undefined)); // the next call tries again
  return shared;
}

const load = async (files, main) => (await engine()).load(files, main);
const check = async (files, main) => (await engine()).check(files, main);

export { load, check, start, Engine, Book, RulebookError };

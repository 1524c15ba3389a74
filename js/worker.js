// The worker in which a page runs the engine.
import { installGo } from "./dist/go.js";
import { serve } from "./host.js";
import { stopped } from "./api.js";

serve(installGo, stopped);

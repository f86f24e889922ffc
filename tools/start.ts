import { useCompileCache } from "./compile-cache.ts";

// Imported after the cache is on: what is imported statically is compiled before a line of this file runs.
useCompileCache();
await import("./commands/start.ts");

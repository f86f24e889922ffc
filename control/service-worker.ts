import { startWorker } from "#ui/service-worker/worker.ts";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

// The build puts the list of the app's files in the place of this name.
startWorker("control", self.__WB_MANIFEST);

/** As vite answers it: a script of its own in the build, under this app's origin. */
declare module "*?worker" {
  const SymbolWorker: new () => Worker;
  export default SymbolWorker;
}

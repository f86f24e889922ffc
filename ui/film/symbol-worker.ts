import { readSymbol } from "./read-symbol.ts";

/** In a worker, so that a picture which takes long to read holds up neither the screen nor a tap. */
let canvas: OffscreenCanvas | undefined;

addEventListener("message", ({ data: bitmap }: MessageEvent<ImageBitmap>) => {
  const { width, height } = bitmap;
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const symbol = context && readSymbol(context.getImageData(0, 0, width, height));
  postMessage(symbol ?? null);
});

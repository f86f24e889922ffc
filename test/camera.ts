import { closeSync, openSync, writeSync } from "node:fs";
import { type QrSymbol, symbolOf } from "#ui/film/symbol.ts";

/** What a camera makes of a symbol that is held up to it. */
export interface Held {
  /** Pixels of one module in the picture. */
  module?: number;
  /** Turned by so many degrees. */
  degrees?: number;
  /** How often the picture is smoothed by three pixels. */
  blur?: number;
  /** Of the middle of the picture, pixels. */
  offset?: readonly [x: number, y: number];
  seed?: number;
}

export const cameraSize = { width: 1280, height: 720 } as const;
const [white, black, room] = [228, 26, 140];

/** Brightness by pixel of a camera's picture with this film's frame in it; undefined bytes: nobody holds anything up. */
export const pictureOf = (bytes: Uint8Array | undefined, held?: Held): Uint8Array<ArrayBuffer> =>
  pictureOfSymbol(bytes && symbolOf(bytes), held);

/** The same of any symbol. */
export const pictureOfSymbol = (symbol: QrSymbol | undefined, held: Held = {}): Uint8Array<ArrayBuffer> => {
  const { width, height } = cameraSize;
  const picture = new Uint8Array(width * height).fill(room);
  if (symbol !== undefined) draw(picture, symbol, held);
  let smooth = picture;
  for (let turn = 0; turn < (held.blur ?? 0); turn++) smooth = smoothed(smooth);
  let state = (held.seed ?? 1) | 1;
  for (let i = 0; i < smooth.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    smooth[i] = Math.max(0, Math.min(255, smooth[i]! + ((state >>> 28) - 8)));
  }
  return smooth;
};

const draw = (picture: Uint8Array, symbol: QrSymbol, { module = 6, degrees = 0, offset = [0, 0] }: Held): void => {
  const { width, height } = cameraSize;
  const size = symbol.length;
  const turn = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn) / module, Math.sin(turn) / module];
  const flat = Uint8Array.from(symbol.flat(), (isDark) => (isDark ? black : white));
  const colourAt = (x: number, y: number): number => {
    const [dx, dy] = [x - width / 2 - offset[0], y - height / 2 - offset[1]];
    const row = Math.floor(-sin * dx + cos * dy + size / 2);
    const column = Math.floor(cos * dx + sin * dy + size / 2);
    return row < 0 || column < 0 || row >= size || column >= size ? room : flat[row * size + column]!;
  };
  // Beyond its corners there is no symbol.
  const reach = Math.ceil((size * module) / Math.SQRT2);
  const from = Math.max(0, Math.floor(width / 2 + offset[0] - reach));
  const until = Math.min(width, Math.ceil(width / 2 + offset[0] + reach));
  for (let y = 0; y < height; y++)
    for (let x = from; x < until; x++)
      picture[y * width + x] = (colourAt(x + 0.25, y + 0.25) + colourAt(x + 0.75, y + 0.75)) >> 1;
};

const smoothed = (picture: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const { width, height } = cameraSize;
  const out = picture.slice();
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const beside = picture[i - 1]! + picture[i + 1]! + picture[i - width]! + picture[i + width]!;
      const corners =
        picture[i - width - 1]! + picture[i - width + 1]! + picture[i + width - 1]! + picture[i + width + 1]!;
      out[i] = (picture[i]! * 4 + beside * 2 + corners) >> 4;
    }
  return out;
};

/** The same as RGBA, for a reader without a browser. */
export const rgbaOf = (picture: Uint8Array) => {
  const data = new Uint8ClampedArray(picture.length * 4).fill(255);
  for (let i = 0; i < picture.length; i++) data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = picture[i]!;
  return { ...cameraSize, data };
};

/** A file that Chromium's fake camera shows again and again, `framesPerSecond` pictures a second. */
export const writeFilm = (path: string, pictures: Iterable<Uint8Array>, framesPerSecond: number): void => {
  const { width, height } = cameraSize;
  const grey = new Uint8Array((width * height) / 2).fill(128);
  const file = openSync(path, "w");
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`);
  for (const picture of pictures) {
    writeSync(file, "FRAME\n");
    writeSync(file, picture);
    writeSync(file, grey);
  }
  closeSync(file);
};

/** Chromium's arguments for such a camera. The file is read when a page opens the camera. */
export const cameraArgs = (path: string): string[] => [
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  `--use-file-for-fake-video-capture=${path}`,
];

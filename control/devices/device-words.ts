import type { DeviceChange, DeviceRow } from "#protocol/control/devices.ts";

export const zoneWords: Record<DeviceRow["zone"], string> = {
  crew: "Tablet",
  care: "Hospital screen",
  control: "Desk",
};

export const stateWords: Record<DeviceRow["state"], string> = {
  active: "● In use",
  suspended: "▲ Suspended: two devices with one identity",
  lost: "▲ Lost",
  stolen: "▲ Stolen",
  retired: "■ Retired",
};

export const changeWords: Record<DeviceChange["state"], { short: string; long: string; effect: string }> = {
  lost: {
    short: "Lost",
    long: "Mark as lost",
    effect: "It reads nothing more, within a minute. What it still sends waits here until somebody releases it.",
  },
  stolen: {
    short: "Stolen",
    long: "Mark as stolen",
    effect:
      "It reads nothing more, within a minute. What it still sends waits here; look at it closely before it is released.",
  },
  retired: {
    short: "Retire",
    long: "Retire",
    effect: "It is out of use. It reads nothing more, and what it still sends waits here until somebody releases it.",
  },
  active: {
    short: "Back in use",
    long: "Put back in use",
    effect: "It reads and sends again. Hold it in your hand first.",
  },
};

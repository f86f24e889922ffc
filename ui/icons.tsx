import "./components.css";

/** Outlines on a 24 × 24 grid, drawn with a 2 px round stroke. */
const outlines = {
  obs: "M2.5 12.5h4l3-8.5 4.5 16 3-7.5h4.5",
  ecg: "M2 14h4.5l1.8-2.6L10 14h2.2l1.6-9.5L16.2 18l1.8-4h4",
  oxygen: "M8.5 21V9a3.5 3.5 0 0 1 7 0v12zM12 5.5V2.5M9.5 2.5h5",
  gtn: "M9.5 3h5v4l2 2.5V21h-9V9.5l2-2.5zM7.5 13.5h9",
  analgesia: "M4 20l3.2-3.2M6 14.5l3.5 3.5 7-7-3.5-3.5zM14.5 9.5l3-3M15.5 4.5l4 4",
  drug: "M4.8 19.2a4.4 4.4 0 0 1 0-6.2l8.2-8.2a4.4 4.4 0 0 1 6.2 6.2L11 19.2a4.4 4.4 0 0 1-6.2 0zM8.9 8.9l6.2 6.2",
  iv: "M12 2.5c3.5 4.2 5.5 7 5.5 9.8a5.5 5.5 0 0 1-11 0c0-2.8 2-5.6 5.5-9.8zM12 18v3.5",
  airway: "M12 3v8.5M12 11.5c-3.8 0-5.8 3-5.8 8.5M12 11.5c3.8 0 5.8 3 5.8 8.5",
  arrest: "M12 20.5C5.4 15.2 3 11.6 3 8.3A4.6 4.6 0 0 1 12 7a4.6 4.6 0 0 1 9 1.3c0 3.3-2.4 6.9-9 12.2z",
  shock: "M13.5 2.5 5 13.5h6l-1.5 8 8.5-11h-6z",
  note: "M5.5 3.5h13v17h-13zM9 8.5h6M9 12.5h6M9 16.5h3.5",
  photo: "M3 7.5h4l1.8-3h6.4l1.8 3h4v12H3zM12 16.8a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  prealert: "M6 10a6 6 0 0 1 12 0v5l2 3H4l2-3zM10 21h4",
  handover: "M3 12h13m-5-5 5 5-5 5M20 4v16",
  place: "M3 18v-7h13a4 4 0 0 1 4 4v3M3 6v15M20 18v3M3 18h17",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
  story: "M4 5h16v11h-9l-4.5 4v-4H4z",
  milestone: "M5 12h13m-5-5 5 5-5 5",
  struck: "M5 5l14 14M19 5 5 19",
  back: "M14.5 5l-7 7 7 7",
  check: "M4.5 12.5l5 5 10-11",
  warning: "M12 3.5 22 20.5H2zM12 10v4.5M12 17.3h.01",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
} as const;
export type IconName = keyof typeof outlines;

/** A picture beside a word; it never stands alone, so it is hidden from screen readers. */
export const Icon = ({ name, size = 24 }: { name: IconName; size?: number }) => (
  <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden>
    <path d={outlines[name]} />
  </svg>
);

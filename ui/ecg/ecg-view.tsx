import { useEffect, useMemo, useRef, useState } from "react";
import type { EcgFile } from "#monitoring/ecg-file.ts";
import { type EcgLayout, ecgLayoutNames, ecgLayouts, ecgPageSeconds, layOutEcg } from "#monitoring/ecg-layout.ts";
import { drawEcg, type EcgInk } from "./draw-ecg.ts";
import { EcgLeads } from "./ecg-leads.tsx";
import "./ecg.css";

export type EcgMode = "fit" | "life-size";
/** A millimetre as CSS has it. What it measures on glass depends on the screen: the printed words say so. */
const cssPixelsPerMm = 96 / 25.4;
const sizeWords: Record<EcgMode, string> = {
  fit: "fitted, not life size",
  "life-size": "life size on a screen of 96 pixels an inch",
};

const inkOf = (element: HTMLElement): EcgInk => {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--ecg-${name}`).trim();
  return {
    paper: colour("paper"),
    minor: colour("minor"),
    major: colour("major"),
    trace: colour("trace"),
    words: colour("words"),
    font: style.fontFamily,
  };
};

interface EcgViewProps {
  ecg: EcgFile;
  layout?: EcgLayout;
  mode?: EcgMode;
}

/** An ECG on its paper, with the choice of layout and size, and a table of its leads beside it. */
export const EcgView = ({ ecg, layout: firstLayout = "3x4", mode: firstMode = "fit" }: EcgViewProps) => {
  const [layout, setLayout] = useState(firstLayout);
  const [mode, setMode] = useState(firstMode);
  const [fromSecond, setFromSecond] = useState(0);
  const seconds = ecg.samplesPerLead / ecg.samplesPerSecond;
  return (
    <figure className="ecg">
      <div className="ecg-controls">
        {ecgLayouts.map((name) => (
          <button key={name} type="button" aria-pressed={layout === name} onClick={() => setLayout(name)}>
            {ecgLayoutNames[name]}
          </button>
        ))}
        <button type="button" aria-pressed={mode === "fit"} onClick={() => setMode("fit")}>
          Fit
        </button>
        <button type="button" aria-pressed={mode === "life-size"} onClick={() => setMode("life-size")}>
          Life size
        </button>
        {seconds > ecgPageSeconds && (
          <>
            <button
              type="button"
              disabled={fromSecond <= 0}
              onClick={() => setFromSecond(Math.max(0, fromSecond - ecgPageSeconds))}
            >
              Earlier
            </button>
            <button
              type="button"
              disabled={fromSecond + ecgPageSeconds >= seconds}
              onClick={() => setFromSecond(fromSecond + ecgPageSeconds)}
            >
              Later
            </button>
          </>
        )}
      </div>
      <EcgPaper ecg={ecg} layout={layout} mode={mode} fromSecond={fromSecond} />
      <EcgLeads ecg={ecg} />
    </figure>
  );
};

const EcgPaper = ({ ecg, layout, mode, fromSecond }: Required<EcgViewProps> & { fromSecond: number }) => {
  const paper = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const page = useMemo(() => layOutEcg(ecg, layout, fromSecond), [ecg, layout, fromSecond]);
  useEffect(() => {
    const room = paper.current;
    const surface = canvas.current;
    if (!room || !surface) return;
    const draw = () => {
      const context = surface.getContext("2d");
      if (!context) return;
      const pixelsPerMm = mode === "fit" ? room.clientWidth / page.widthMm : cssPixelsPerMm;
      const ratio = window.devicePixelRatio || 1;
      // The bitmap has device pixels, or lines blur; the box is that many CSS pixels, set by the object and not by a style attribute.
      surface.width = Math.max(1, Math.floor(page.widthMm * pixelsPerMm * ratio));
      surface.height = Math.max(1, Math.round(page.heightMm * pixelsPerMm * ratio));
      surface.style.width = `${surface.width / ratio}px`;
      surface.style.height = `${surface.height / ratio}px`;
      drawEcg(context, ecg, page, { scale: pixelsPerMm * ratio, ink: inkOf(surface), sizeWords: sizeWords[mode] });
    };
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(room);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
    };
  }, [ecg, mode, page]);
  const recorded = page.strips.filter((strip) => strip.index !== null).map((strip) => strip.lead);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide paper scrolls, so the keyboard must be able to reach it
    <section className="ecg-paper" ref={paper} tabIndex={0} aria-label="ECG paper">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`ECG, leads ${[...new Set(recorded)].join(", ")}, ${page.legend}, ${sizeWords[mode]}`}
      />
    </section>
  );
};

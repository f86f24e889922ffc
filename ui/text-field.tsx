import type { ComponentProps, ReactNode } from "react";
import "./components.css";

interface TextFieldProps extends Omit<ComponentProps<"input">, "value" | "onChange" | "className"> {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  /** How it takes its place beside others: `grow`, `wide`. */
  place?: string;
  /** What stands below the box. */
  children?: ReactNode;
}

/** One line to type in, under its words. What was typed into it before is nobody's business: browsers offer nothing. */
export const TextField = ({ label, value, onChange, place, children, ...box }: TextFieldProps) => (
  <label className={place === undefined ? "field" : `field ${place}`}>
    {label}
    <input autoComplete="off" {...box} value={value} onChange={(event) => onChange(event.target.value)} />
    {children}
  </label>
);

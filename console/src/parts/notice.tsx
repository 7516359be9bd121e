import type { ReactNode } from "react";
import { Shape, type Tone } from "./shape.tsx";
import "./notice.css";

/** A band with a heading: shape, words and colour say the same. `alert` reads it out at once. */
export function Notice(props: { tone: Tone; title: string; alert?: boolean; children?: ReactNode }) {
  return (
    <section className={`notice tone-${props.tone}`} role={props.alert ? "alert" : undefined}>
      <p className="notice-title">
        <Shape tone={props.tone} />
        {props.title}
      </p>
      {props.children && <div className="notice-body">{props.children}</div>}
    </section>
  );
}

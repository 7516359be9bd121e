import { en } from "./en.ts";

/** The words of the console. A second language is a second value of this type. */
export type Text = typeof en;

export const text: Text = en;

import type { ConnectorType } from "#core/index.ts";

/** How much of the envelope a source tells: A all of it, B some, C nothing beyond the header. */
export type Fidelity = "A" | "B" | "C";

/** One thing to do on the other side: a sentence, and what is to be typed or pasted, if anything. */
export interface RecipeStep {
  text: string;
  code: string | null;
}

/** How a mail system is made to send its journal here. */
export interface Recipe {
  /** As `--for` takes it. */
  id: string;
  title: string;
  fidelity: Fidelity;
  /** What is captured and what is not, in one honest sentence. */
  sentence: string;
  /** What this connector must be set to before; empty when it is. */
  before: string[];
  steps: RecipeStep[];
  warnings: string[];
}

/** What a recipe is filled in with. */
export interface RecipePlace {
  connector: string;
  journalEmailAddress: string;
  type: ConnectorType;
  subAddress: boolean;
  envelopeHeaders: readonly string[];
  requireTls: boolean;
  hasLogin: boolean;
  /** The name or address by which the other side reaches us. */
  host: string;
  port: number;
}

/** What to do when the connector is not of the type a recipe needs. */
export function typeBefore({ connector, type }: RecipePlace, needed: ConnectorType): string[] {
  if (type === needed) return [];
  const name = needed === "eej" ? "Exchange envelope journaling (EEJ)" : "Standard";
  return [`Set the type of this connector to ${name}: muniment connectors edit ${connector} --type ${needed}`];
}

/** The domain of the journal address. */
export function domainOf({ journalEmailAddress }: RecipePlace): string {
  return journalEmailAddress.slice(journalEmailAddress.lastIndexOf("@") + 1);
}

import { Failure } from "#core/index.ts";

/** `CON-CONFLICT`: what is unique of a connector is taken, and which field it is. */
export class ConnectorConflict extends Failure {
  readonly field: "description" | "journalEmailAddress";

  constructor(field: "description" | "journalEmailAddress") {
    const what = field === "description" ? "this description" : "this journal e-mail address";
    super("CON-CONFLICT", "never", `another connector has ${what}`, { effect: "nothing was changed" });
    this.name = "ConnectorConflict";
    this.field = field;
  }
}

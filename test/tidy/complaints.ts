import assert from "node:assert/strict";

/** Fails with all `complaints` at once, each a line that begins with its place, and with how to mend them. */
export function noComplaints(complaints: readonly string[], mend: string): void {
  if (complaints.length === 0) return;
  assert.fail(`${complaints.length} to mend:\n${complaints.map((one) => `  ${one}`).join("\n")}\n${mend}`);
}

/** Something that a rule forbids, let pass in a file (or in a folder, when it ends with a slash) for a reason. */
export interface Allowance {
  where: string;
  what: string;
  why: string;
}

/** What a rule found. */
export interface Finding {
  file: string;
  place: string;
  what: string;
}

/** The findings that no allowance covers, and the allowances that cover nothing any more. */
export function beyondAllowances(findings: readonly Finding[], allowances: readonly Allowance[]): string[] {
  const used = new Set<Allowance>();
  const forbidden = findings.filter((finding) => {
    const covering = allowances.find(
      ({ where, what }) =>
        what === finding.what && (where.endsWith("/") ? finding.file.startsWith(where) : finding.file === where),
    );
    if (covering !== undefined) used.add(covering);
    return covering === undefined;
  });
  return [
    ...forbidden.map(({ place, what }) => `${place}: ${what}`),
    ...allowances
      .filter((one) => !used.has(one))
      .map(({ where, what }) => `${where}: is allowed ${what} and does not use it; remove the allowance`),
  ];
}

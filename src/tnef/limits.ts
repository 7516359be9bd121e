import { MiB } from "#core/index.ts";

/** Streams read of one TNEF: the outer one and messages nested in it. Outlook nests by forwarding, rarely past ten. */
export const streamsMax = 100;
/** Deepest nested message read: each level reads its octets again, so this bounds the time by the length. */
export const nestedDepthMax = 20;
/** Attributes read of all streams together; an attachment takes about six. */
export const attributesMax = 100_000;
/** Properties read of all streams together: ten thousand recipients have some thirty each. */
export const propertiesMax = 500_000;
/** Attachments listed; no honest mail comes near. */
export const attachmentsMax = 10_000;
/** People listed of all streams together, as many as are read of a header field. */
export const peopleMax = 10_000;
/** Octets that compressed RTF may unfold to: far more than a person writes, a moment to read. */
export const rtfBytesMax = 16 * MiB;
/** Groups of RTF whose state is kept; deeper ones share the state of the last. Word writes some tens. */
export const rtfDepthMax = 1_000;
/** Characters of text kept, as many as of any other message. */
export const textCharsMax = 4 * MiB;
/** Times one defect code is listed: a million of them would be the attack. */
export const defectRepeatsMax = 20;

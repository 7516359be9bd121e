/** Deepest item in an item that is read. Outlook nests by forwarding, rarely past ten. */
export const depthMax = 20;
/** Properties read of an item and those in it: ten thousand recipients have some thirty each. */
export const propertiesMax = 500_000;
/** Recipients and attachments read of an item and those in it; no honest mail comes near. */
export const recipientsMax = 10_000;
export const attachmentsMax = 10_000;
/** Octets of transport headers that are taken over: those of mail that went through many hands fit many times. */
export const headersBytesMax = 256 * 1024;

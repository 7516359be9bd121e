import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";

/**
 * Tells browsers what our pages may do, which is little: own scripts, own connections, and frames only for mail.
 *
 * HTML mail is shown in a sandboxed `srcdoc` frame, which inherits this policy, so that nothing in a mail can load.
 */
export async function useSecurityHeaders(app: Pick<FastifyInstance, "register">, isHttps: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The component library places its elements with style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isHttps,
    // Browsers take this one over https only, and complain about it on the console otherwise.
    crossOriginOpenerPolicy: isHttps,
    originAgentCluster: isHttps,
    xFrameOptions: { action: "deny" },
  });
}

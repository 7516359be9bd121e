/** Calls between two threads of this process. It knows messages, nothing of what is asked. */
export { type Caller, connectCalls } from "./calls.ts";

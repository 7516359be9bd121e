/** Threads of this process: calls between two of them, and the memory they leave lying about. It knows nothing of what is asked. */
export { type Caller, connectCalls } from "./calls.ts";
export { giveRoomBack, makeRoom, needsRoom, type RoomMaker } from "./make-room.ts";

/** One event of a text/event-stream. */
export interface StreamEvent {
  event: string;
  data: string;
}

/**
 * Reads a text/event-stream from pieces of text cut anywhere.
 *
 * The browser's own EventSource is not used because it hides comments: the server's heartbeat is one, and without it a
 * silent connection cannot be told from a quiet archive.
 *
 * @returns a function that takes the next piece and gives the events it completes
 * @see WHATWG HTML, server-sent events, "Interpreting an event stream"; `id` and `retry` are not used here
 */
export function eventReader(): (piece: string) => StreamEvent[] {
  let line = "";
  let event = "message";
  let data: string[] = [];
  let afterReturn = false;

  const endLine = (events: StreamEvent[]) => {
    if (line === "") {
      if (data.length > 0) events.push({ event, data: data.join("\n") });
      event = "message";
      data = [];
    } else if (!line.startsWith(":")) {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") event = value;
      if (field === "data") data.push(value);
    }
    line = "";
  };

  return (piece) => {
    const events: StreamEvent[] = [];
    for (const part of piece.split(/(\r|\n)/)) {
      if (part === "\n" && afterReturn) afterReturn = false;
      else if (part === "\n" || part === "\r") {
        endLine(events);
        afterReturn = part === "\r";
      } else if (part !== "") {
        line += part;
        afterReturn = false;
      }
    }
    return events;
  };
}

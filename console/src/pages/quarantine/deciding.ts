import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { connectorsQuery, statusQuery } from "../../api/queries.ts";
import { ApiProblem, type DecisionResult, decideQuarantine, type NewDecision } from "../../api.generated.ts";

/** How far a decision over many items is. */
export interface Progress {
  done: number;
  total: number;
}

/** Carries decisions out one after the other, and shows how far they are. */
export function useDeciding() {
  const queryClient = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const work = useMutation({
    mutationFn: async (body: NewDecision): Promise<DecisionResult> => {
      setProgress(null);
      for await (const line of decideQuarantine({ body })) {
        if ("progress" in line) setProgress({ done: line.progress.done, total: line.progress.total ?? 0 });
        else if ("result" in line) return line.result;
        else throw new ApiProblem(line.problem);
      }
      throw new Error("the server ended before the work was done");
    },
    // Also after a failure: some of many may have been decided.
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ["quarantine"] }),
        queryClient.invalidateQueries({ queryKey: connectorsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: statusQuery.queryKey }),
      ]),
  });
  return { work, progress };
}

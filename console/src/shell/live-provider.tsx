import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type LiveState, LiveStream } from "../api/live.ts";
import { connectorsQuery, importsQuery, sessionQuery, statusQuery } from "../api/queries.ts";
import type { ArchiveStatus, ConnectorList, FileImportList } from "../api.generated.ts";
import { pages } from "../paths.ts";
import { may, useUser } from "../session.ts";

interface Live {
  state: LiveState;
  reconnect: () => void;
}

const LiveContext = createContext<Live>({ state: { kind: "connecting" }, reconnect: () => {} });

/** How the live stream stands, and a way to try again at once. */
export function useLive(): Live {
  return useContext(LiveContext);
}

/** Holds the live stream open while someone is signed in and writes what it brings into the query cache. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const user = useUser();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [state, setState] = useState<LiveState>({ kind: "connecting" });
  const stream = useRef<LiveStream | undefined>(undefined);

  useEffect(() => {
    if (!may(user, "status:read")) return;
    const opened = new LiveStream({
      event: ({ event, data }) => {
        if (event === "connectors") {
          queryClient.setQueryData(connectorsQuery.queryKey, JSON.parse(data) as ConnectorList);
        }
        if (event === "imports") queryClient.setQueryData(importsQuery.queryKey, JSON.parse(data) as FileImportList);
        if (event === "status") queryClient.setQueryData(statusQuery.queryKey, JSON.parse(data) as ArchiveStatus);
      },
      state: setState,
      refused: (status) => {
        if (status !== 401) return;
        queryClient.setQueryData(sessionQuery.queryKey, null);
        void navigate(pages.signIn(router.state.location.href));
      },
    });
    stream.current = opened;
    return () => opened.close();
  }, [user, queryClient, navigate, router]);

  const live = useMemo(() => ({ state, reconnect: () => stream.current?.reconnect() }), [state]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

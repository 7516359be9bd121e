import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../api/problem.ts";
import { sessionQuery } from "../api/queries.ts";
import { signOut } from "../api.generated.ts";
import { ProblemBox } from "../parts/problem-box.tsx";
import { pages } from "../paths.ts";
import { may, useUser } from "../session.ts";
import { text } from "../text/index.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

/** Product, organisation, navigation, theme and who is signed in; on a narrow screen all but the name folds away. */
export function Rail() {
  const user = useUser();
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <aside className="rail" aria-label={text.product}>
      <div className="rail-head">
        <div>
          <div className="rail-product">{text.product}</div>
          <div className="rail-tenant" title={text.nav.tenant}>
            {user.tenant.name}
          </div>
        </div>
        <Button
          className="rail-menu"
          variant="default"
          aria-expanded={isOpen}
          aria-controls="rail-body"
          onClick={() => setOpen(!isOpen)}
        >
          {text.nav.menu}
        </Button>
      </div>
      <div id="rail-body" className="rail-body" data-open={isOpen}>
        <nav aria-label={text.nav.label}>
          <ul>
            <li>
              <Link {...pages.overview()} activeOptions={{ exact: true }} onClick={close}>
                {text.nav.overview}
              </Link>
            </li>
            <li>
              <Link {...pages.journaling()} activeOptions={{ includeSearch: false }} onClick={close}>
                {text.nav.journaling}
              </Link>
            </li>
            {may(user, "quarantine:read") && (
              <li>
                <Link {...pages.quarantine()} activeOptions={{ includeSearch: false }} onClick={close}>
                  {text.nav.quarantine}
                </Link>
              </li>
            )}
            <li>
              <Link {...pages.search()} activeOptions={{ includeSearch: false }} onClick={close}>
                {text.nav.search}
              </Link>
            </li>
            {may(user, "imports:write") && (
              <li>
                <Link {...pages.imports()} onClick={close}>
                  {text.nav.imports}
                </Link>
              </li>
            )}
            {may(user, "keys:read") && (
              <li>
                <Link {...pages.keys()} onClick={close}>
                  {text.nav.keys}
                </Link>
              </li>
            )}
            {may(user, "audit:read") && (
              <li>
                <Link {...pages.audit()} activeOptions={{ includeSearch: false }} onClick={close}>
                  {text.nav.audit}
                </Link>
              </li>
            )}
          </ul>
        </nav>
        <div className="rail-foot">
          <ThemeSwitch />
          <div className="small">
            <div className="anywhere">{user.email ?? user.label}</div>
            <div className="soft">{text.roles[user.role]}</div>
          </div>
          <SignOut />
        </div>
      </div>
    </aside>
  );
}

function SignOut() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  const leave = async () => {
    try {
      await signOut();
    } catch (thrown) {
      // A session that has ended by itself is what was asked for.
      if (problemOf(thrown).status !== 401) {
        setError(thrown);
        return;
      }
    }
    queryClient.clear();
    queryClient.setQueryData(sessionQuery.queryKey, null);
    await navigate(pages.signIn());
  };
  return (
    <>
      <Button variant="default" onClick={() => void leave()}>
        {text.nav.signOut}
      </Button>
      {error !== undefined && <ProblemBox error={error} />}
    </>
  );
}

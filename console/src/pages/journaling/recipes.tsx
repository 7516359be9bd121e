import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { recipesQuery } from "../../api/queries.ts";
import type { Connector, Recipe } from "../../api.generated.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Loading } from "../../parts/loading.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Scrolls } from "../../parts/scrolls.tsx";
import { text } from "../../text/index.ts";

/** What is to be done on the other side, filled in with this connector's address, for the mail system that is chosen. */
export function Recipes({ connector }: { connector: Connector }) {
  const words = text.senders;
  const recipes = useQuery(recipesQuery(connector.id, connector.version));
  const [chosen, setChosen] = useState("");
  const list = recipes.data?.data ?? [];
  const recipe = list.find(({ id }) => id === chosen) ?? list.find(({ before }) => before.length === 0) ?? list[0];
  return (
    <section className="stack" aria-labelledby="recipes">
      <h2 id="recipes">{words.recipes}</h2>
      {recipes.isLoading && <Loading />}
      {recipes.isError && <ProblemBox error={recipes.error} onRetry={() => void recipes.refetch()} />}
      {recipe && (
        <>
          <NativeSelect
            label={words.system}
            maw={360}
            value={recipe.id}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={list.map(({ id, title }) => ({ value: id, label: title }))}
          />
          <Steps recipe={recipe} />
        </>
      )}
    </section>
  );
}

function Steps({ recipe }: { recipe: Recipe }) {
  const words = text.senders;
  return (
    <>
      <p>
        <strong>{words.fidelity(recipe.fidelity)}</strong>: {recipe.sentence}
      </p>
      {recipe.before.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <ol className="stack">
        {recipe.steps.map(({ text: sentence, code }, at) => (
          <li key={sentence}>
            <p>{sentence}</p>
            {code !== null && (
              <div className="line">
                <Scrolls name={sentence}>
                  <pre>{code}</pre>
                </Scrolls>
                <CopyButton value={code} name={words.copyCode(at + 1)} />
              </div>
            )}
          </li>
        ))}
      </ol>
      <ul>
        {recipe.warnings.map((sentence) => (
          <li key={sentence} className="soft">
            {sentence}
          </li>
        ))}
      </ul>
    </>
  );
}

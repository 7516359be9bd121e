import { exchangeServerRecipe, microsoft365Recipe } from "./exchange.ts";
import { googleWorkspaceRecipe, plainCopyRecipe } from "./others.ts";
import { postfixRecipe } from "./postfix.ts";
import type { Recipe, RecipePlace } from "./recipe.ts";

/** How each kind of mail system is made to send its journal to one connector, filled in with its address. Pure. */
export function recipesFor(place: RecipePlace): Recipe[] {
  return [exchangeServerRecipe, microsoft365Recipe, googleWorkspaceRecipe, postfixRecipe, plainCopyRecipe].map((make) =>
    make(place),
  );
}

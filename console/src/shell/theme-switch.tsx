import { type MantineColorScheme, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { text } from "../text/index.ts";

/** Light, dark, or as the system says; remembered by the browser. */
export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label={text.nav.theme}
      size="xs"
      fullWidth
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={[
        { value: "auto", label: text.nav.themeAuto },
        { value: "light", label: text.nav.themeLight },
        { value: "dark", label: text.nav.themeDark },
      ]}
    />
  );
}

import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent. Every other colour on screen means a state. */
const accent: MantineColorsTuple = [
  "#eef0fa",
  "#dadff4",
  "#b5beea",
  "#909ee0",
  "#7485d8",
  "#5566c3",
  "#3b4a9e",
  "#333f89",
  "#2b3575",
  "#232b61",
];

export const theme = createTheme({
  colors: { accent },
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 4,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    // Nearly every field is required, so the mark would say nothing; `required` still tells assistive technology.
    TextInput: { defaultProps: { size: "sm", withAsterisk: false } },
    PasswordInput: { defaultProps: { size: "sm", withAsterisk: false } },
    Modal: { defaultProps: { centered: true, size: 480 } },
  },
});

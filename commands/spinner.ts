import ora from "ora";

/** Progress on standard error: a spinner on a terminal, elsewhere a line for whatever is new. */
export function spinning(title: string) {
  const spinner = ora();
  let told = "";
  return {
    progress: (text: string): void => {
      // Without a terminal, each start is a line.
      if (text !== told) spinner.start(`${title}: ${text}`);
      told = text;
    },
    end: (ok: boolean, text: string) => void (ok ? spinner.succeed(text) : spinner.fail(text)),
    stop: () => void spinner.stop(),
  };
}

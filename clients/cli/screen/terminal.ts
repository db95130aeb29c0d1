/** Where a command writes and reads, and what the place can show. */
export interface Terminal {
  readonly isTty: boolean;
  readonly hasColour: boolean;
  /** Print JSON and nothing else on stdout. */
  readonly json: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of the platform's state. */
  readonly state: string;
  /** A line for a person: on stdout, or nowhere with `--json`. */
  say(line?: string): void;
  /** A remark on what is going on: on stderr, also with `--json`. */
  remark(line: string): void;
  /** A document for a program, on one line of stdout. */
  print(document: unknown): void;
  /** Puts text on the screen as it is; only where `isTty`. */
  draw(text: string): void;
  /** Asks for a line; only where `isTty`. */
  ask(question: string): Promise<string>;
  now(): number;
}

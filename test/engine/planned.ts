import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cloudDirectory, engineEnvironment } from "../../engine/standIns";
import type { RecordedResource, Recording } from "../../record/recording";
import { decodeWire, type Properties } from "../../record/values";
import type { Pulumi } from "../../tools/pulumi";

/**
 * What a program declares, in a form in which what the engine plans and what the recorder records are the same,
 * by these rules:
 *
 * - Order is of no account: of resources, dependencies and aliases. A property without dependencies is left out.
 * - A property that is null is left out, as in the engine's plan.
 * - A secret is `[secret]`: the engine shows its ciphertext. An unknown value is Pulumi's own mark on both sides.
 * - A provider is its URN, without the id that it has not got yet. Default providers are the engine's own: a
 *   resource that has one has no provider here, and instead of its version option the version of that provider.
 * - The engine notes a provider's version and its environment among its inputs: they are left out.
 * - Timeouts are seconds.
 */
export interface Declared {
  type: string;
  name: string;
  custom: boolean;
  parent?: string;
  inputs: unknown;
  /** Of components and the stack, whose outputs are the program's own. */
  outputs?: unknown;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  options: Properties;
}

interface Alias {
  URN: string;
  Name: string;
  Type: string;
  Project: string;
  Stack: string;
  Parent: string;
  NoParent: boolean;
}

interface Goal {
  type: string;
  name: string;
  custom: boolean;
  inputDiff: { adds?: Properties };
  outputDiff: { adds?: Properties };
  parent?: string;
  protect: boolean;
  dependencies?: string[];
  provider?: string;
  propertyDependencies?: Record<string, string[]>;
  deleteBeforeReplace?: boolean;
  ignoreChanges?: string[];
  additionalSecretOutputs?: string[];
  structuredAliases?: Alias[];
  id?: string;
  customTimeouts: Record<string, number>;
}

/** What a plan leaves out of a goal. */
interface State {
  urn: string;
  retainOnDelete?: boolean;
  deletedWith?: string;
  replaceWith?: string[];
  hideDiff?: string[];
  replaceOnChanges?: string[];
  replacementTrigger?: unknown;
  resourceHooks?: Record<string, string[]>;
}

/** A program in a directory of its own, which the engine previews. */
export class Previewed {
  constructor(
    private readonly home: string,
    private readonly pulumi: Pulumi,
  ) {}

  /** Where the program lies. */
  get directory(): string {
    return join(this.home, "project");
  }

  /**
   * Has the engine preview a stack that was never deployed.
   * @throws Error with what Pulumi says if it fails
   */
  preview(stack: string): Map<string, Declared> {
    const place = { home: this.home, pulumi: this.pulumi };
    mkdirSync(cloudDirectory(place), { recursive: true, mode: 0o700 });
    const env = { ...process.env, ...engineEnvironment(place) };
    const run = (...args: string[]): string => {
      const options = { cwd: this.directory, env, encoding: "utf8", maxBuffer: 1 << 30 } as const;
      const { status, stdout, stderr } = spawnSync(
        this.pulumi.pulumi,
        [...args, "--non-interactive"],
        options,
      );
      if (status !== 0) throw new Error(`pulumi ${args[0]} failed: ${stderr}${stdout}`);
      return stdout;
    };
    const file = join(this.home, "plan.json");
    run("stack", "init", stack);
    const shown = run("preview", "--stack", stack, "--json", "--save-plan", file);
    const { steps } = JSON.parse(shown) as { steps: { newState: State }[] };
    const { resourcePlans } = JSON.parse(readFileSync(file, "utf8")) as {
      resourcePlans: Record<string, { goal: Goal }>;
    };
    const states = new Map(steps.map(({ newState }) => [newState.urn, newState]));
    return planned(resourcePlans, states);
  }
}

function planned(
  plans: Readonly<Record<string, { goal: Goal }>>,
  states: ReadonlyMap<string, State>,
): Map<string, Declared> {
  const declared = Object.entries(plans).filter(([urn]) => !isDefaultProvider(urn));
  return new Map(
    declared.map(([urn, { goal }]): [string, Declared] => {
      const state = states.get(urn)!;
      const provider = goal.provider?.split("::").slice(0, 4).join("::");
      const isDefault = provider !== undefined && isDefaultProvider(provider);
      const version = isDefault ? plans[provider]!.goal.inputDiff.adds!.version : undefined;
      const hooks = Object.entries(state.resourceHooks ?? {}).map(([moment, names]) => [
        moment[0]!.toLowerCase() + moment.slice(1),
        names,
      ]);
      return [
        urn,
        {
          ...{ type: goal.type, name: goal.name, custom: goal.custom, parent: goal.parent },
          ...dependenciesOf(goal),
          inputs: inputsOf(goal.type, decodeWire(goal.inputDiff.adds ?? {})),
          ...(goal.custom ? {} : { outputs: plain(decodeWire(goal.outputDiff.adds ?? {})) }),
          options: stated({
            protect: goal.protect,
            deleteBeforeReplace: goal.deleteBeforeReplace,
            ignoreChanges: goal.ignoreChanges,
            additionalSecretOutputs: goal.additionalSecretOutputs,
            aliases: [
              ...new Set((goal.structuredAliases ?? []).map((alias) => aliasUrn(urn, goal, alias))),
            ].sort(),
            import: goal.id,
            customTimeouts: goal.customTimeouts,
            provider: isDefault ? undefined : provider,
            version,
            retainOnDelete: state.retainOnDelete,
            deletedWith: state.deletedWith,
            replaceWith: state.replaceWith,
            hideDiffs: state.hideDiff,
            replaceOnChanges: state.replaceOnChanges,
            replacementTrigger: state.replacementTrigger,
            hooks: Object.fromEntries(hooks),
          }),
        },
      ];
    }),
  );
}

/** A recording in the form in which the engine's plan is compared with it. */
export function recorded({ resources }: Recording): Map<string, Declared> {
  return new Map(
    resources.map((resource): [string, Declared] => {
      const { urn, type, name, custom, parent, inputs, outputs, options } = resource;
      return [
        urn,
        {
          ...{ type, name, custom, parent },
          ...dependenciesOf(resource),
          inputs: inputsOf(type, inputs),
          ...(custom ? {} : { outputs: plain(outputs) }),
          options: optionsOf(type, options),
        },
      ];
    }),
  );
}

function optionsOf(type: string, options: RecordedResource["options"]): Properties {
  const { customTimeouts, aliases, version, pluginDownloadURL: _, envVarMappings: __, ...rest } = options;
  const timeouts = Object.entries(customTimeouts ?? {}).map(([what, text]) => [what, seconds(text)]);
  const ofDefault = options.provider === undefined && !type.startsWith("pulumi:providers:");
  return stated({
    ...rest,
    aliases: aliases?.toSorted(),
    customTimeouts: Object.fromEntries(timeouts),
    version: ofDefault ? version : undefined,
  });
}

function isDefaultProvider(urn: string): boolean {
  return /::pulumi:providers:[^:]+::default(_|$)/.test(urn);
}

function dependenciesOf({
  dependencies,
  propertyDependencies,
}: Pick<Goal, "dependencies" | "propertyDependencies">) {
  const some = Object.entries(propertyDependencies ?? {}).filter(([, urns]) => urns.length > 0);
  return {
    dependencies: (dependencies ?? []).toSorted(),
    propertyDependencies: Object.fromEntries(some.map(([property, urns]) => [property, urns.toSorted()])),
  };
}

function inputsOf(type: string, inputs: Properties): unknown {
  const { __internal: _, version: __, ...others } = inputs;
  return plain(type.startsWith("pulumi:providers:") ? others : inputs);
}

/** Data alone: secrets as `[secret]`, as they are printed. */
function plain(properties: Properties): unknown {
  const some = Object.entries(properties).filter(([, value]) => value !== null);
  return JSON.parse(JSON.stringify(Object.fromEntries(some)));
}

/** Without what says nothing. */
function stated(options: Properties): Properties {
  const says = (value: unknown) =>
    Boolean(value) && (typeof value !== "object" || Object.keys(value as object).length > 0);
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => says(value) || (name === "deleteBeforeReplace" && value === false),
    ),
  );
}

/** An alias as the engine resolves it, https://www.pulumi.com/docs/iac/concepts/options/aliases/. */
function aliasUrn(urn: string, goal: Goal, alias: Alias): string {
  if (alias.URN !== "") return alias.URN;
  const [, , stack, , project] = urn.split(":") as [string, string, string, string, string];
  const parents = (alias.NoParent ? "" : alias.Parent || (goal.parent ?? "")).split("::")[2] ?? "";
  const chain = [...(parents === "pulumi:pulumi:Stack" ? [] : [parents]), alias.Type || goal.type];
  const place = `${alias.Stack || stack}::${alias.Project || project}`;
  return `urn:pulumi:${place}::${chain.filter(Boolean).join("$")}::${alias.Name || goal.name}`;
}

/** Seconds of a duration such as `1h30m`. */
function seconds(duration: string): number {
  const unit: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  return [...duration.matchAll(/([\d.]+)(h|m|s)/g)].reduce(
    (sum, [, count, name]) => sum + Number(count) * unit[name!]!,
    0,
  );
}

import type { Gateway } from "../world/gateway";
import type { Fault } from "./fault";

type Intercept = NonNullable<Gateway["intercept"]>;

/** A fault in AWS' answers, and how often it struck. */
export interface AnswerFault extends Fault {
  readonly struck: number;
}

function ofAnswers(
  name: string,
  strike: (struck: number, ...call: Parameters<Intercept>) => boolean,
): AnswerFault {
  let struck = 0;
  return {
    name,
    get struck() {
      return struck;
    },
    inject: (world) => {
      world.gateway.intercept = (...call) => {
        const strikes = strike(struck, ...call);
        if (strikes) struck++;
        return strikes;
      };
      return Promise.resolve();
    },
    heal: (world) => {
      world.gateway.intercept = undefined;
      return Promise.resolve();
    },
  };
}

/** Half of the first snapshot arrives, then the connection ends. */
export function uploadCutOff(): AnswerFault {
  return ofAnswers("the first upload is cut off", (struck, { service, url, method }, response) => {
    if (struck > 0 || service !== "s3" || method !== "PUT" || !url.includes("/snapshots/")) return false;
    response.destroy();
    return true;
  });
}

/** The bucket answers nobody. */
export function bucketOutOfReach(): AnswerFault {
  return ofAnswers("the bucket is out of reach", (_, { service }, response) => {
    if (service !== "s3") return false;
    response.statusCode = 503;
    response.end("<Error><Code>ServiceUnavailable</Code></Error>");
    return true;
  });
}

/** A parameter is changed by hand. */
export function parameterChanged(name: string, change: (value: string) => string): Fault {
  let before = "";
  return {
    name: `the parameter ${name} is changed by hand`,
    async inject({ account }) {
      before = (await account.parameter(name))!;
      await account.putParameter(name, change(before));
    },
    heal: ({ account }) => account.putParameter(name, before),
  };
}

/** Every machine's record of its start is kept, but no machine gets an answer. */
export function startedUnanswered(): Fault & {
  /** Members whose record is kept. */
  readonly started: ReadonlySet<string>;
} {
  const started = new Set<string>();
  return {
    name: "records that machines start are kept, but not answered",
    started,
    inject: ({ gateway, account }) => {
      gateway.intercept = ({ action, body }) => {
        const { Name, Value } = JSON.parse(action === "ssm:PutParameter" ? String(body) : "{}") as Record<
          string,
          string
        >;
        if (!Name?.includes("/started/")) return false;
        void account
          .putParameter(Name, Value!)
          .then(() => started.add(Name.slice(Name.lastIndexOf("/") + 1)));
        return true;
      };
      return Promise.resolve();
    },
    heal: ({ gateway }) => {
      gateway.intercept = undefined;
      return Promise.resolve();
    },
  };
}

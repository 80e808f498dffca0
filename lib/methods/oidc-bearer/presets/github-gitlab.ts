import { ConfigurationError } from '../../../errors/configuration-error.js';
import { invalidClaim } from '../../../errors/token-refusals.js';
import { checkOptionNames } from '../../../options/check-options.js';
import { namesOf } from '../../../options/option-names.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { Audience, Provider } from '../provider-facts.js';
import { address, onlyList, part, text } from './facts.js';

/** Repository whose jobs are accepted. A job must match every given member. */
interface GithubRepository {
  /** Number of the repository (`repository_id`), which survives renames and is never given to another one. */
  id: string | number;
  /**
   * Environment that a job must run in.
   * @default undefined, any or none
   */
  environment?: string | undefined;
  /**
   * File of the workflow (`job_workflow_ref`), such as `acme/app/.github/workflows/deploy.yml`, with or without `@` and
   * the branch or tag that it stands on.
   * @default undefined, any
   */
  workflow?: string | undefined;
  /**
   * Branch or tag that the job runs for, such as `refs/heads/main`.
   * @default undefined, any
   */
  ref?: string | undefined;
}

/** Own options of the preset `githubActions`. */
export interface GithubActionsPresetOptions {
  /** Audience that the jobs request, or several. */
  audience: Audience;
  /** Repositories whose jobs are accepted: by number, or as `owner/name`, if the name will never be given up. */
  repositories: readonly (string | GithubRepository)[];
  /**
   * Slug of an enterprise with an issuer of its own.
   * @default undefined, the common issuer
   */
  enterprise?: string | undefined;
}

const REPOSITORY_NAMES = namesOf<GithubRepository>()({ id: true, environment: true, workflow: true, ref: true });

/** Rule that accepts workloads of a platform, and its name for refusals. */
interface Welcome {
  readonly name: string;
  readonly fits: (claims: ReadableClaims) => boolean;
}

const sameText = (claim: unknown, wanted: string) =>
  typeof claim === 'string' && claim.toLowerCase() === wanted.toLowerCase();

function byName(option: string, given: string): Welcome {
  const name = given.replace(/^https:\/\/github\.com\//i, '').replace(/(\.git|\/)$/, '');
  if (name !== given) throw new ConfigurationError(option, `expects names, not addresses; write "${name}"`);
  if (!/^[\w.-]+\/[\w.-]+$/.test(name))
    throw new ConfigurationError(
      option,
      `expects { id: "74" } or "owner/name", without patterns, and one for each repository; this is "${given}"`,
    );
  return { name, fits: ({ repository }) => sameText(repository, name) };
}

function githubRepository(option: string, given: unknown): Welcome {
  if (typeof given === 'string') return byName(option, given);
  checkOptionNames(option, given, REPOSITORY_NAMES);
  const { id, environment, workflow, ref } = given as GithubRepository; // Cast: the members are checked below.
  const number = String(id ?? '');
  if (!/^\d+$/.test(number))
    throw new ConfigurationError(`${option}.id`, 'expects the number of a repository (repository_id), such as "74"');
  for (const [name, value] of Object.entries({ environment, workflow, ref }))
    if (value !== undefined) text(`${option}.${name}`, value);
  const isWorkflow = (claim: unknown) =>
    workflow === undefined ||
    claim === workflow ||
    (typeof claim === 'string' && claim.replace(/@.*$/, '') === workflow);
  const name = Object.entries({ id: number, environment, workflow, ref }).filter(([, value]) => value !== undefined);
  return {
    name: name.map(([member, value]) => `${member} ${value}`).join(', '),
    fits: (claims) =>
      claims.repository_id === number &&
      (environment === undefined || claims.environment === environment) &&
      (ref === undefined || claims.ref === ref) &&
      isWorkflow(claims.job_workflow_ref),
  };
}

/**
 * Refuses workloads that are not listed.
 * @throws {InvalidTokenError} `claim_invalid` when a workload is not listed.
 */
function assertWelcome(claims: ReadableClaims, welcome: readonly Welcome[], claim: string, option: string): void {
  if (welcome.some(({ fits }) => fits(claims))) return;
  throw invalidClaim(claim, `is of none of the listed ${option}`, {
    expected: welcome.map(({ name }) => name),
    hint: `The token is genuine and of another workload of the platform; list it in ${option} if it is to be welcome.`,
  });
}

const GITHUB = 'https://token.actions.githubusercontent.com';

const withEnvironment = (name: string, environment: unknown) =>
  typeof environment === 'string' && environment !== '' ? `${name}:environment:${environment}` : name;

/**
 * Facts about GitHub Actions: anybody on GitHub can get a genuine token for any audience, so the repository decides.
 */
export const githubActions: Provider<GithubActionsPresetOptions> = {
  own: namesOf<GithubActionsPresetOptions>()({ audience: true, repositories: true, enterprise: true }),
  facts({ audience, repositories, enterprise }) {
    const welcome = onlyList(githubRepository)('oidcPresets.githubActions.repositories', repositories);
    const slug = enterprise === undefined ? '' : `/${part('oidcPresets.githubActions.enterprise', enterprise)}`;
    return {
      options: {
        issuer: `${GITHUB}${slug}`,
        audience,
        subjects: 'client',
        claims: {
          attributes: {
            repository: 'repository',
            repository_id: 'repository_id',
            ref: 'ref',
            environment: 'environment',
            job_workflow_ref: 'job_workflow_ref',
            actor: 'actor',
          },
        },
      },
      assertOurs: (claims) => assertWelcome(claims, welcome, 'repository_id', 'repositories'),
      clientOf: ({ repository, environment }) =>
        typeof repository === 'string' ? withEnvironment(`repo:${repository}`, environment) : undefined,
      hint: ({ code, claims }) =>
        code === 'issuer_unknown' && String(claims.iss).startsWith(GITHUB)
          ? 'The enterprise of this job has an issuer of its own, or has none: compare the option enterprise.'
          : undefined,
    };
  },
};

/** Own options of the preset `gitlabCi`. */
export interface GitlabCiPresetOptions {
  /** URL of the instance, such as `https://gitlab.com`. */
  url: string;
  /** Audience of the job's `id_tokens`, or several. */
  audience: Audience;
  /** Projects whose jobs are accepted: by number, or by path such as `group/project`. */
  projects: readonly (string | number)[];
}

function gitlabProject(option: string, given: unknown): Welcome {
  const name = typeof given === 'number' ? String(given) : text(option, given);
  if (/^\d+$/.test(name)) return { name, fits: ({ project_id: id }) => String(id) === name };
  if (!/^[\w.-]+(\/[\w.-]+)+$/.test(name))
    throw new ConfigurationError(
      option,
      `expects the numbers of projects or their paths ("group/project"), without patterns; this is "${name}"`,
    );
  return { name, fits: ({ project_path: path }) => sameText(path, name) };
}

/** Facts about GitLab CI: a job's token names the person who started it, which is not its identity. */
export const gitlabCi: Provider<GitlabCiPresetOptions> = {
  own: namesOf<GitlabCiPresetOptions>()({ url: true, audience: true, projects: true }),
  facts({ url, audience, projects }) {
    const welcome = onlyList(gitlabProject)('oidcPresets.gitlabCi.projects', projects);
    const attributes = [
      'project_path',
      'project_id',
      'ref',
      'ref_protected',
      'environment',
      'user_login',
      'user_email',
    ];
    return {
      options: {
        issuer: address('oidcPresets.gitlabCi.url', url),
        audience,
        subjects: 'client',
        claims: {
          attributes: Object.fromEntries(attributes.map((name) => [name, name])),
          lists: { groups_direct: 'groups_direct' },
        },
      },
      assertOurs: (claims) => assertWelcome(claims, welcome, 'project_path', 'projects'),
      clientOf: ({ project_path: path, environment }) =>
        typeof path === 'string' ? withEnvironment(`project_path:${path}`, environment) : undefined,
      hint: ({ code, claims }) =>
        code === 'issuer_unknown' && typeof claims.iss === 'string' && !claims.iss.includes('://')
          ? 'This is the older CI_JOB_JWT, which has no audience of one’s choice: use id_tokens in the job.'
          : undefined,
    };
  },
};

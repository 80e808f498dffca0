import { describe, expect, test } from '@jest/globals';
import { promise } from '../../../helpers/oidc-provider-promises.js';

const github = promise('githubActions', {
  program: {
    id: 'repo:acme/app:environment:prod',
    issuer: 'https://token.actions.githubusercontent.com',
    attributes: expect.objectContaining({ repository_id: '74', environment: 'prod', actor: 'octocat' }),
  },
  keys: 'https://token.actions.githubusercontent.com',
  wrong: [
    ['no repository at all', { repositories: [] }, /githubActions\.repositories.*empty list/],
    ['one repository that is no list', { repositories: 'acme/app' }, /githubActions\.repositories.*list/],
    ['an owner alone', { repositories: ['acme'] }, /"owner\/name".*this is "acme"/],
    ['a pattern', { repositories: ['acme/*'] }, /without patterns/],
    ['an address', { repositories: ['https://github.com/acme/app'] }, /write "acme\/app"/],
    ['a name for a number', { repositories: [{ id: 'acme/app' }] }, /repositories\.id.*number/],
    ['a repository without a number', { repositories: [{ environment: 'prod' }] }, /repositories\.id/],
    ['a rule that there is not', { repositories: [{ id: '74', branch: 'main' }] }, /repositories\.branch: unknown/],
    ['a rule that is not set', { repositories: [{ id: '74', environment: '' }] }, /repositories\.environment/],
  ],
});

describe('GitHub Actions', () => {
  const verdictOf = async (repository: unknown, claims = {}) =>
    (await github.ask(github.simulator.token(claims), { repositories: [repository] })).verdict;

  test('refuses the jobs of a repository that is not listed, and says so', async () => {
    const { verdict, hint, expected } = await github.ask(github.simulator.token({ repository_id: '75' }));
    expect([verdict, expected]).toEqual(['401 claim_invalid', ['id 74']]);
    expect(hint).toMatch(/genuine.*repositories/);
  });

  test.each([
    ['its number', { id: 74 }],
    ['its name', 'acme/app'],
    ['its name in other letters', 'Acme/App'],
    ['its environment', { id: '74', environment: 'prod' }],
    ['its workflow', { id: '74', workflow: 'acme/app/.github/workflows/deploy.yml' }],
    [
      'its workflow and where it stands',
      { id: '74', workflow: 'acme/app/.github/workflows/deploy.yml@refs/heads/main' },
    ],
    ['its branch', { id: '74', ref: 'refs/heads/main' }],
  ])('takes a job by %s', async (_title, repository) => {
    expect(await verdictOf(repository)).toBe('200');
  });

  test.each([
    ['of another environment', { id: '74', environment: 'staging' }, {}],
    ['of no environment', { id: '74', environment: 'prod' }, { environment: undefined }],
    ['of another workflow', { id: '74', workflow: 'acme/app/.github/workflows/test.yml' }, {}],
    [
      'of the workflow on another branch',
      { id: '74', workflow: 'acme/app/.github/workflows/deploy.yml@refs/heads/x' },
      {},
    ],
    ['of another branch', { id: '74', ref: 'refs/heads/x' }, {}],
    ['whose subject alone names the repository', { id: '74' }, { repository_id: undefined }],
    ['whose number is no text', { id: '74' }, { repository_id: 74 }],
    ['of another owner’s repository of that name', 'acme/app', { repository: 'evil/app' }],
  ])('refuses a job %s', async (_title, repository, claims) => {
    expect(await verdictOf(repository, claims)).toBe('401 claim_invalid');
  });

  test('knows an enterprise’s issuer, and hints at it', async () => {
    const iss = 'https://token.actions.githubusercontent.com/acme';
    const ours = await github.ask(github.simulator.token({ iss }), { enterprise: 'acme' });
    expect(ours).toMatchObject({ verdict: '200', principal: { type: 'client', issuer: iss } });
    const { verdict, hint } = await github.ask(github.simulator.token({ iss }));
    expect([verdict, hint]).toEqual(['401 issuer_unknown', expect.stringMatching(/enterprise/)]);
  });
});

const gitlab = promise('gitlabCi', {
  program: {
    id: 'project_path:acme/app:environment:prod',
    attributes: expect.objectContaining({ project_id: '20', user_login: 'ann' }),
    listAttributes: { groups_direct: ['acme', 'acme/ops'] },
  },
  keys: 'https://gitlab.com',
  wrong: [
    ['no project at all', { projects: [] }, /gitlabCi\.projects.*empty list/],
    ['a group alone', { projects: ['acme'] }, /"group\/project".*this is "acme"/],
    ['a pattern', { projects: ['acme/*'] }, /without patterns/],
    ['a bare host', { url: 'gitlab.com' }, /gitlabCi\.url.*write "https:\/\/gitlab\.com"/],
  ],
});

describe('GitLab CI', () => {
  test('takes a project by its number or its path, and no other', async () => {
    for (const project of [20, '20', 'acme/app', 'Acme/App'])
      expect((await gitlab.ask(gitlab.simulator.token(), { projects: [project] })).verdict).toBe('200');
    for (const claims of [{ project_id: '21', project_path: 'acme/other' }, { project_path: undefined }]) {
      const { verdict, hint } = await gitlab.ask(gitlab.simulator.token(claims));
      expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/projects/)]);
    }
  });

  test('never takes whoever started the job for the caller', async () => {
    const { principal } = await gitlab.ask(gitlab.simulator.token());
    expect(principal).not.toHaveProperty('username');
    expect(principal).not.toHaveProperty('email');
    expect(principal?.groups).toEqual([]);
  });

  test('names the older kind of job token', async () => {
    const { verdict, hint } = await gitlab.ask(gitlab.simulator.token({ iss: 'gitlab.com' }));
    expect(verdict).toBe('401 issuer_unknown');
    expect(hint).toMatch(/id_tokens|https/);
  });
});

import { fork } from 'node:child_process';
import { once } from 'node:events';

const programs = new Set();
process.on('exit', () => {
  for (const program of programs) program.kill();
});

/** A process of ours that answers one question at a time: `ask('name', details)` resolves to what it sends back. */
export async function start(file, { env = {}, execArgv = [] } = {}) {
  const program = fork(new URL(file, import.meta.url), {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  programs.add(program);
  const died = once(program, 'exit').then(([code]) => {
    programs.delete(program);
    return { failure: `${file} ended with ${code}` };
  });
  const ask = async (question, details = {}) => {
    program.send({ question, ...details });
    const answer = await Promise.race([once(program, 'message').then(([message]) => message), died]);
    if (answer.failure !== undefined) throw new Error(answer.failure);
    return answer;
  };
  const stop = async () => {
    program.kill();
    await died;
  };
  return { ask, stop };
}

/** The other side of {@link start}: one function per question. */
export function answerWith(answers) {
  process.on('message', async ({ question, ...details }) => {
    try {
      process.send((await answers[question](details)) ?? {});
    } catch (error) {
      process.send({ failure: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
}

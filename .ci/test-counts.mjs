// Reads Jest's --json report, prints "N passed, N failed", and fails where a test failed, was skipped or is to do.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
const left = results.filter(({ status }) => status !== 'passed' && status !== 'failed');

for (const { status, fullName } of left) process.stderr.write(`${status}: ${fullName}\n`);
// A suite that could not even start counts no test of its own, and is a failure all the same.
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed\n`);

const notRun = left.length + report.numPendingTests + report.numTodoTests;
if (!report.success || failed > 0 || notRun > 0 || report.numPassedTests === 0) process.exitCode = 1;

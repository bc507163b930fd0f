import Mocha from 'mocha';

/** Mocha's own report, and then one last line for whoever reads nothing else. */
class Totals extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
    });
  }
}

// Mocha loads a reporter by require(), and takes what that returns for the class.
export { Totals as 'module.exports' };

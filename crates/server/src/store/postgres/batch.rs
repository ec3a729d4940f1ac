//! A batch: the commands of one transaction, in waves. Commands of one account follow each other
//! from wave to wave, in the order in which they came.

use super::fault::Fault;
use super::session::Session;
use super::wave::Wave;
use crate::store::job::Job;

/// Commands of one transaction.
#[derive(Default)]
pub(super) struct Batch {
    waves: Vec<Wave>,
    len: usize,
}

impl Batch {
    /// Takes the command into the first wave that has nothing of its account yet; or hands it back,
    /// when its account is in every wave.
    #[expect(clippy::result_large_err, reason = "handing back is the rare case, and boxing would cost in the other")]
    pub(super) fn take(&mut self, mut job: Job) -> Result<(), Job> {
        for wave in &mut self.waves {
            match wave.take(job) {
                Ok(()) => {
                    self.len += 1;
                    return Ok(());
                }
                Err(back) => job = back,
            }
        }
        if self.waves.len() == WAVES {
            return Err(job);
        }
        let mut wave = Wave::default();
        wave.take(job)?;
        self.waves.push(wave);
        self.len += 1;
        Ok(())
    }

    /// How many commands there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Runs the whole transaction. On a fault nothing was committed, unless the connection was lost
    /// on the way back from the commit; no answer is given either way.
    pub(super) async fn run(&mut self, session: &Session, trusts_server_time: bool) -> Result<(), Fault> {
        let last = self.waves.len().saturating_sub(1);
        for (number, wave) in self.waves.iter_mut().enumerate() {
            let before = if number == 0 { "BEGIN" } else { "" };
            let after = if number == last { "COMMIT" } else { "" };
            wave.run(session, trusts_server_time, before, after).await?;
        }
        Ok(())
    }

    /// Answers everybody, after the commit.
    pub(super) fn answer(self) {
        self.waves.into_iter().for_each(Wave::answer);
    }

    /// The commands as they came, to be told apart or refused.
    pub(super) fn into_jobs(self) -> Vec<Job> {
        self.waves.into_iter().flat_map(Wave::into_jobs).collect()
    }
}

/// Waves of a transaction at most.
const WAVES: usize = 16;

//! The word to stop, passed to every task.

use tokio::sync::watch;

/// Where the word is given.
pub struct Stopper(watch::Sender<bool>);

/// Where it is heard. Cheap to clone.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Both ends.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Tells every task to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns once the word was given, or once nobody is left who could give it.
    pub async fn requested(&mut self) {
        drop(self.0.wait_for(|stop| *stop).await);
    }
}

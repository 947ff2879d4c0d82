//! An address that stays while servers come and go behind it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::net::{TcpListener, TcpStream};

/// Leads connections to wherever it was last told; refuses them where that is nowhere. Ends with the runtime.
pub(crate) struct Switchboard {
    pub(crate) address: SocketAddr,
    target: Arc<Mutex<Option<String>>>,
}

impl Switchboard {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new(None::<String>));
        let told = Arc::clone(&target);
        tokio::spawn(async move {
            loop {
                let Ok((mut caller, _)) = listener.accept().await else { return };
                let target = told.lock().unwrap().clone();
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(target.unwrap_or_default()).await {
                        drop(tokio::io::copy_bidirectional(&mut caller, &mut server).await);
                    }
                });
            }
        });
        Self { address, target }
    }

    pub(crate) fn lead_to(&self, server: Option<&str>) {
        *self.target.lock().unwrap() = server.map(str::to_owned);
    }
}

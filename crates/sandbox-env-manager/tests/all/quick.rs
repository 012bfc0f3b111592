//! What every machine can show.

use sandbox_env_manager::Manager;

use crate::contract;
use crate::support::Lab;

#[tokio::test]
async fn the_machines_own_venv_keeps_the_contract() {
    if let Some(lab) = Lab::new(Manager::Venv) {
        contract::holds(&lab).await;
    }
}

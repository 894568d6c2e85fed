#!/usr/bin/env bash
# One run on Slurm, from the repository's root: sbatch cluster/slurm.sh [CONFIG] [--set key.path=value ...]
# The repository, its .venv and the output must lie on storage that every node mounts (or the output on object storage).
#SBATCH --job-name=curator
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --exclusive
#SBATCH --mem=0
#SBATCH --gpus-per-node=2
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

cd "$SLURM_SUBMIT_DIR"
source .venv/bin/activate
config=${1:-configs/nightly.yaml}
shift || true

# One token for all nodes; srun hands the environment on. `ray get-auth-token --generate` makes it once, in ~/.ray/auth_token.
export RAY_AUTH_MODE=token
RAY_AUTH_TOKEN=$(ray get-auth-token --generate)
export RAY_AUTH_TOKEN
chmod -f 600 ~/.ray/auth_token || true
# A task that reserved no GPU sees none.
export RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO=1

mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=${nodes[0]} # where this script runs, so the driver is on the head
head_ip=$(srun --nodes=1 --ntasks=1 --nodelist="$head" hostname --ip-address | awk '{print $1}')
port=$((20000 + SLURM_JOB_ID % 10000)) # two jobs on one head must not meet
export RAY_ADDRESS="$head_ip:$port"    # where the driver finds the cluster; without it, it would start one of its own
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

srun --nodes=1 --ntasks=1 --cpus-per-task="$SLURM_CPUS_ON_NODE" --nodelist="$head" \
    ray start --head --node-ip-address="$head_ip" --port="$port" --block &
for _ in {1..60}; do
    ray status >/dev/null 2>&1 && break
    sleep 2
done
ray status >/dev/null # the reason, where the head does not answer

workers=$((SLURM_JOB_NUM_NODES - 1))
if ((workers > 0)); then
    srun --nodes="$workers" --ntasks="$workers" --cpus-per-task="$SLURM_CPUS_ON_NODE" --exclude="$head" \
        ray start --address="$RAY_ADDRESS" --block &
fi

python jobs/curate.py --config "$config" "$@"

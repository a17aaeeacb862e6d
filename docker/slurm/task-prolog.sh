#!/usr/bin/env bash
# slurm.conf: TaskProlog=/etc/slurm/sinkwatch-task-prolog.sh
#
# Publishes the checkpoints of jobs that ask for it:
#
#   #SBATCH --export=ALL,SINKWATCH_CHECKPOINTS=/scratch/me/run1
#
# as the run JOBNAME-JOBID (SINKWATCH_RUN says another name; a requeued job is the next attempt). Runs as the
# job's user in the first task of each step (srun), beside it, and ends with it: Slurm ends what a step leaves
# behind. One at a time publishes for a job; the others wait, and one takes over when its step ends. Whatever
# goes wrong here, the job does not suffer: see sinkwatch.log among its checkpoints.
[[ ${SLURM_PROCID:-} == 0 && -n ${SINKWATCH_CHECKPOINTS:-} ]] || exit 0

name=${SINKWATCH_RUN:-${SLURM_JOB_NAME:-job}-$SLURM_JOB_ID}
run=${name//[^A-Za-z0-9._-]/_}
run=${run#"${run%%[A-Za-z0-9]*}"}
brokers=${SINKWATCH_KAFKA_BOOTSTRAP_SERVERS:-kafka.example:9092} # your site's

mkdir -p "$SINKWATCH_CHECKPOINTS" 2>/dev/null
# What reaches stdout here is read by Slurm, which waits for its end: so nothing in the background may hold it.
(
  # Among the checkpoints, since steps begin on different nodes. Where files cannot be locked each step publishes.
  exec 9>"$SINKWATCH_CHECKPOINTS/.sinkwatch-$SLURM_JOB_ID.lock" && flock 9
  exec env -u SINKWATCH_CHECKPOINTS -u SINKWATCH_RUN \
    "${SINKWATCH:-/opt/sinkwatch/sinkwatch}" publish "$SINKWATCH_CHECKPOINTS" --watch --run "${run::128}" \
    --attempt "${SLURM_RESTART_COUNT:-0}" --bootstrap-servers "$brokers"
) </dev/null >>"$SINKWATCH_CHECKPOINTS/sinkwatch.log" 2>&1 &
exit 0

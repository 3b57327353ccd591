-- Gives a member its share of the replicas.
function ReviseReplica(app, replicas)
  if not app.spec.enableAutoscaling then
    app.spec.replicas = replicas
  end
  return app
end

-- The part of a member's status that goes back to the Karmada API: all that the operator writes.
function ReflectStatus(app)
  if app.status == nil then
    return {}
  end
  return {
    activeScheduler = app.status.activeScheduler,
    conditions = app.status.conditions,
    deploymentName = app.status.deploymentName,
    readyReplicas = app.status.readyReplicas,
    serviceName = app.status.serviceName,
  }
end

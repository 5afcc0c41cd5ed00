from events.vocabulary import Service
from services.addons.tasks import TASKS
from services.common.worker.main import run

run(Service.ADDONS, TASKS)

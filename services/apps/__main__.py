from events.vocabulary import Service
from services.apps.tasks import TASKS
from services.common.worker.main import run

run(Service.APPS, TASKS)

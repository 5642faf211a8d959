-- Warns only: on listening without taste (random data, a first day) there is
-- nothing to beat.
{{ config(severity='warn') }}

with

recommendation_metrics as (

    select * from {{ ref('recommendation_metrics') }}
    where metric = 'ndcg'

),

compared as (

    select
        max(value) filter (where recommender = 'als') as als_ndcg,
        max(value) filter (where recommender = 'popularity') as popularity_ndcg
    from recommendation_metrics

)

select * from compared
where als_ndcg <= popularity_ndcg
